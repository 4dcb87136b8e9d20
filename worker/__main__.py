"""`python -m worker` runs the same command line as `dateline`."""

from worker.commands import main

if __name__ == "__main__":
    main()
