mod purl;
mod sboms;
