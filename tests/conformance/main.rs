mod purl;
