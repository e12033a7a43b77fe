#![no_main]
//! Everything that happens to an upload: inflating, envelopes, naming the format, reading.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let limits = fuzz::limits();
    if let Ok((inventory, _)) = inventory::formats::read(bytes, &limits) {
        fuzz::is_consistent(&inventory);
    }
});
