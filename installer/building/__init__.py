"""What every build shares: locked wheels, a pruned payload, bytecode, SBOM, notices and checksums.

Runs inside the project's environment, on Linux for Windows and Linux, on macOS for macOS. Nothing here is
imported by the softphone.
"""
