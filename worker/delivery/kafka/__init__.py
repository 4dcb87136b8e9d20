"""What aiokafka lacks: connections, errors told apart, offsets behind a fence, topics read as a whole."""
