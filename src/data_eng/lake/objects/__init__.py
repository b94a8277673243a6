"""A lake on object storage that speaks S3's protocol; needs the extra ``s3``."""
