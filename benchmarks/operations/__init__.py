"""What operators pay: the size of images, the time of backups, the cost of watching."""
