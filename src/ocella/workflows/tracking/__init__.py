"""Following objects from frame to frame: four trackers over boxes, and memory by video source and by track."""
