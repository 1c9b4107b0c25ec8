"""``python -m captionfix``."""

from captionfix.cli import main

if __name__ == "__main__":
    main()
