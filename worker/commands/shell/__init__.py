"""What every command shares: options, the terminal, connections to the cluster, reading topics."""
