"""Files made in the background, with progress and a notice when they are ready."""
