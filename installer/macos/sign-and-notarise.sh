#!/bin/sh
# Signs Softphone.app, packs it into a .dmg, has Apple notarise it and staples the answer. On a Mac with Xcode's
# command line tools. UNTRIED: there was no Mac where this was written.
#
#   SIGNING_IDENTITY="Developer ID Application: Company (TEAMID)" \
#   NOTARY_PROFILE=softphone installer/macos/sign-and-notarise.sh dist/macos/Softphone.app 0.1.0
#
# NOTARY_PROFILE names credentials that were kept in the keychain once: xcrun notarytool store-credentials
set -eu
application=$1
version=$2
here=$(cd "$(dirname "$0")" && pwd)
image=$(dirname "$application")/softphone-$version-arm64.dmg

# From the inside out: libraries first, then the bundle that holds them.
find "$application/Contents" \( -name '*.dylib' -o -name '*.so' \) -type f -print0 |
    xargs -0 -n 20 codesign --force --timestamp --options runtime --sign "$SIGNING_IDENTITY"
find "$application/Contents/Frameworks" -maxdepth 1 -name '*.framework' -print0 2>/dev/null |
    xargs -0 -n 1 codesign --force --timestamp --options runtime --sign "$SIGNING_IDENTITY"
codesign --force --timestamp --options runtime --entitlements "$here/entitlements.plist" \
    --sign "$SIGNING_IDENTITY" "$application"
codesign --verify --strict --verbose=2 "$application"

rm -f "$image"
hdiutil create -volname Softphone -srcfolder "$application" -ov -format UDZO "$image"
codesign --timestamp --sign "$SIGNING_IDENTITY" "$image"
xcrun notarytool submit "$image" --keychain-profile "$NOTARY_PROFILE" --wait
xcrun stapler staple "$image"
spctl --assess --type open --context context:primary-signature --verbose=2 "$image"
echo "$image"
