//! Where in a JSON text a reader stopped.

/// The JSON pointer of the member or element that ends at a line and column (both from 1) as `serde_json` counts them.
pub(crate) fn pointer_at(text: &str, line: usize, column: usize) -> String {
    let mut walk = Walk::default();
    let before: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let end = text.len().min(before.saturating_add(column));
    for byte in text.bytes().take(end) {
        walk.step(byte);
    }
    walk.pointer()
}

/// An object with its present key, or an array with its present index.
enum Frame {
    Object(Option<Vec<u8>>),
    Array(usize),
}

#[derive(Default)]
struct Walk {
    frames: Vec<Frame>,
    /// The string that is being read, without its opening quote.
    string: Option<Vec<u8>>,
    escaped: bool,
}

impl Walk {
    fn step(&mut self, byte: u8) {
        match self.string.take() {
            Some(string) => self.in_string(string, byte),
            None => self.outside(byte),
        }
    }

    fn in_string(&mut self, mut string: Vec<u8>, byte: u8) {
        if byte == b'"' && !self.escaped {
            if let Some(Frame::Object(key @ None)) = self.frames.last_mut() {
                *key = Some(string);
            }
            return;
        }
        self.escaped = byte == b'\\' && !self.escaped;
        string.push(byte);
        self.string = Some(string);
    }

    fn outside(&mut self, byte: u8) {
        match (byte, self.frames.last_mut()) {
            (b'"', _) => self.string = Some(Vec::new()),
            (b'{', _) => self.frames.push(Frame::Object(None)),
            (b'[', _) => self.frames.push(Frame::Array(0)),
            (b'}' | b']', _) => {
                self.frames.pop();
            }
            (b',', Some(Frame::Object(key))) => *key = None,
            (b',', Some(Frame::Array(index))) => *index += 1,
            _ => {}
        }
    }

    fn pointer(&self) -> String {
        let mut pointer = String::new();
        for frame in &self.frames {
            match frame {
                Frame::Object(None) => {}
                Frame::Object(Some(key)) => {
                    let key = decoded(key);
                    pointer.push('/');
                    pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
                }
                Frame::Array(index) => pointer.push_str(&format!("/{index}")),
            }
        }
        pointer
    }
}

/// The key with its escapes read.
fn decoded(key: &[u8]) -> String {
    let raw = String::from_utf8_lossy(key);
    serde_json::from_str(&format!("\"{raw}\"")).unwrap_or_else(|_| raw.into_owned())
}

#[cfg(test)]
mod tests {
    use super::pointer_at;

    #[test]
    fn a_place_in_the_text_is_a_place_in_the_document() {
        let text = "{\"a\": {\"b,\\\"\": [1, \"x\",\n {\"c/d\": true}]}}";
        for (line, column, pointer) in [
            (1, 4, "/a"),
            (1, 14, "/a/b,\""),
            (1, 22, "/a/b,\"/1"),
            (2, 7, "/a/b,\"/2/c~1d"),
            (2, 16, "/a"),
            (2, 17, ""),
            (9, 9, ""),
        ] {
            assert_eq!(pointer_at(text, line, column), pointer, "{line}:{column}");
        }
    }
}
