#!/bin/sh
# Puts the unpacked softphone into the menu of this user, for links too. Run it again after moving the folder;
# with --remove it takes the entry away. Nothing is installed for other users and no rights are needed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=${XDG_DATA_HOME:-$HOME/.local/share}
entry=$data/applications/softphone.desktop
icon=$data/icons/hicolor/scalable/apps/softphone.svg
if [ "${1:-}" = --remove ]; then
    rm -f "$entry" "$icon"
else
    mkdir -p "$(dirname "$entry")" "$(dirname "$icon")"
    cp "$here/share/icons/hicolor/scalable/apps/softphone.svg" "$icon"
    quoted=$(printf '%s' "$here/bin/softphone" | sed 's/[\\"`$]/\\&/g; s/[\\&|]/\\&/g')
    sed -e "s|^Exec=softphone|Exec=\"$quoted\"|" -e "s|^TryExec=softphone|TryExec=$here/bin/softphone|" \
        "$here/share/applications/softphone.desktop" >"$entry"
fi
if command -v update-desktop-database >/dev/null; then
    update-desktop-database -q "$(dirname "$entry")" || true
fi
