"""The equations of a cell as one system: regions, the components that they hold, the interfaces between them."""
