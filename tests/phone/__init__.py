"""The desk's side of the pipe with a real engine process, a real edge and a real telephone system."""
