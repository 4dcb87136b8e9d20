"""What commands share: options, the terminal, connections to the cluster, reading topics."""
