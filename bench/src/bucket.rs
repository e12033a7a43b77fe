//! A bucket in OSV's layout of any size: real records, multiplied under other ids and package names.

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;

use serde_json::Value;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::Failure;
use crate::arguments::BucketOptions;

/// Writes the bucket; answers with what is in it.
pub fn write(options: &BucketOptions) -> Result<String, Failure> {
    let listed = std::fs::read_to_string(options.base.join("ecosystems.txt"))?;
    let ecosystems: Vec<&str> = listed
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let mut report = String::new();
    let mut total = 0;
    for ecosystem in &ecosystems {
        let records = read(&options.base.join(ecosystem).join("all.zip"))?;
        let written = multiply(&records, options.times, &options.out.join(ecosystem))?;
        report.push_str(&format!("{ecosystem}: {written} records\n"));
        total += written;
    }
    std::fs::write(options.out.join("ecosystems.txt"), listed)?;
    Ok(format!("{report}{total} records in all"))
}

fn read(path: &Path) -> Result<Vec<Value>, Failure> {
    let mut archive =
        ZipArchive::new(File::open(path).map_err(|error| format!("{}: {error}", path.display()))?)?;
    let mut records = Vec::with_capacity(archive.len());
    for index in 0..archive.len() {
        let mut bytes = Vec::new();
        archive.by_index(index)?.read_to_end(&mut bytes)?;
        records.push(serde_json::from_slice(&bytes)?);
    }
    Ok(records)
}

fn multiply(records: &[Value], times: u32, folder: &Path) -> Result<usize, Failure> {
    std::fs::create_dir_all(folder)?;
    let mut archive = ZipWriter::new(BufWriter::new(File::create(folder.join("all.zip"))?));
    let mut listing = BufWriter::new(File::create(folder.join("modified_id.csv"))?);
    let mut written = 0;
    for round in 0..times {
        for record in records {
            let record = renamed(record, round);
            let id = record["id"].as_str().unwrap_or_default().to_owned();
            archive.start_file(format!("{id}.json"), SimpleFileOptions::default())?;
            archive.write_all(record.to_string().as_bytes())?;
            writeln!(
                listing,
                "{},{id}",
                record["modified"].as_str().unwrap_or_default()
            )?;
            written += 1;
        }
    }
    archive.finish()?.flush()?;
    listing.flush()?;
    Ok(written)
}

/// The record itself in the first round, another one after it.
fn renamed(record: &Value, round: u32) -> Value {
    let mut record = record.clone();
    if round == 0 {
        return record;
    }
    let suffix = |value: &mut Value| {
        if let Some(text) = value.as_str() {
            *value = Value::String(format!("{text}-x{round}"));
        }
    };
    suffix(&mut record["id"]);
    for field in ["aliases", "upstream", "related"] {
        if let Some(ids) = record[field].as_array_mut() {
            ids.iter_mut().for_each(suffix);
        }
    }
    if let Some(affected) = record["affected"].as_array_mut() {
        for one in affected {
            if let Some(name) = one.pointer_mut("/package/name") {
                suffix(name);
            }
        }
    }
    record
}
