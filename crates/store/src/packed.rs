//! Values that SQL never looks into: JSON, compressed.

use std::cell::RefCell;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Error;

/// The value as zstd-compressed JSON.
pub(crate) fn pack<T: Serialize>(what: &'static str, value: &T) -> Result<Vec<u8>, Error> {
    let json = serde_json::to_vec(value).map_err(|error| Error::corrupt(what, &error))?;
    compress(&json).map_err(|error| Error::corrupt(what, &error))
}

/// Quick rather than small.
const LEVEL: i32 = 1;

thread_local! {
    /// A context is larger than most of what it compresses, so each thread makes one and keeps it.
    static COMPRESSOR: RefCell<Option<zstd::bulk::Compressor<'static>>> = const { RefCell::new(None) };
}

/// The bytes as one zstd frame.
pub(crate) fn compress(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    COMPRESSOR.with_borrow_mut(|kept| {
        let mut compressor = match kept.take() {
            Some(compressor) => compressor,
            None => zstd::bulk::Compressor::new(LEVEL)?,
        };
        let packed = compressor.compress(bytes);
        *kept = Some(compressor);
        packed
    })
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
