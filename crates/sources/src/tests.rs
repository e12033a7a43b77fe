//! What a source becomes, file by file.

use super::*;

fn collection(files: &[(&str, &str)]) -> Collection {
    let mut collector = Collector::new(Limits::default());
    for (path, text) in files {
        collector.count();
        if let Some(path) = collector.want(path, text.len() as u64) {
            collector.keep(path, text.as_bytes().to_vec());
        }
    }
    collector.finish()
}

fn codes(notices: &[Notice]) -> Vec<(&str, &str)> {
    notices.iter().map(|notice| (notice.code.as_str(), notice.place.as_str())).collect()
}
