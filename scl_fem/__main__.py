"""`python -m scl_fem` is `scl-fem`."""

from scl_fem.cli import main

if __name__ == "__main__":
    main()
