"""The equations of a cell as one system: regions, their components, the interfaces between them."""
