"""Linux: the .deb and the tar.xz with their own interpreter."""
