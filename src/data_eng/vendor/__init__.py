"""What the vendor delivers: raw files, deliveries, symbology, definitions, DBN."""
