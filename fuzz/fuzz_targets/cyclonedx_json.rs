#![no_main]

use inventory::formats::Format;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::read(Format::CycloneDxJson, bytes));
