"""What a lake holds: datasets, contracts, features, names, and the page that lists them."""
