"""What alert rules cost a worker, by how many there are."""
