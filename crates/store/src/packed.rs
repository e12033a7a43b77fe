//! Values that SQL never looks into: JSON, compressed.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Error;

/// The value as zstd-compressed JSON.
pub(crate) fn pack<T: Serialize>(what: &'static str, value: &T) -> Result<Vec<u8>, Error> {
    let json = serde_json::to_vec(value).map_err(|error| Error::corrupt(what, &error))?;
    zstd::bulk::compress(&json, 1).map_err(|error| Error::corrupt(what, &error))
}

/// Reads back what [`pack`] wrote.
pub(crate) fn unpack<T: DeserializeOwned>(what: &'static str, bytes: &[u8]) -> Result<T, Error> {
    let json = unpack_bytes(what, bytes)?;
    serde_json::from_slice(&json).map_err(|error| Error::corrupt(what, &error))
}

/// The JSON text inside.
pub(crate) fn unpack_bytes(what: &'static str, bytes: &[u8]) -> Result<Vec<u8>, Error> {
    zstd::decode_all(bytes).map_err(|error| Error::corrupt(what, &error))
}
