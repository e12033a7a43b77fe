//! A CycloneDX message written byte by byte with the field numbers of the published schema, so that a number which is
//! wrong in the reader's declarations is found.

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(value & 0x7f).unwrap();
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

fn key(field: u64, wire: u64) -> Vec<u8> {
    varint(field << 3 | wire)
}

pub fn bytes(field: u64, content: &[u8]) -> Vec<u8> {
    [
        key(field, 2),
        varint(u64::try_from(content.len()).unwrap()),
        content.to_vec(),
    ]
    .concat()
}

pub fn string(field: u64, text: &str) -> Vec<u8> {
    bytes(field, text.as_bytes())
}

fn number(field: u64, value: u64) -> Vec<u8> {
    [key(field, 0), varint(value)].concat()
}

fn message(field: u64, parts: &[Vec<u8>]) -> Vec<u8> {
    bytes(field, &parts.concat())
}

/// A `google.protobuf.Timestamp` of this many seconds.
fn time(field: u64, seconds: u64) -> Vec<u8> {
    message(field, &[number(1, seconds)])
}

fn float(field: u64, value: f32) -> Vec<u8> {
    [key(field, 5), value.to_le_bytes().to_vec()].concat()
}

fn double(field: u64, value: f64) -> Vec<u8> {
    [key(field, 1), value.to_le_bytes().to_vec()].concat()
}

fn license_id(field: u64, id: &str) -> Vec<u8> {
    message(field, &[message(1, &[string(1, id)])])
}

fn property(field: u64, name: &str, value: &str) -> Vec<u8> {
    message(field, &[string(1, name), string(2, value)])
}

/// The document of `encodings.rs`.
pub fn cyclonedx() -> Vec<u8> {
    [
        string(1, "1.6"),
        number(2, 1),
        string(3, "urn:uuid:1"),
        message(4, &metadata()),
        message(5, &component_a()),
        message(5, &[number(1, 3), string(3, "b"), string(8, "b"), string(9, "2")]),
        message(6, &service()),
        dependency("app", &["a", "api"]),
        dependency("a", &["b"]),
        dependency("api", &["api2"]),
        message(9, &[number(1, 1), string(2, "a"), string(3, "app")]),
        message(10, &vulnerability()),
        property(12, "bom", "1"),
    ]
    .concat()
}

fn dependency(reference: &str, targets: &[&str]) -> Vec<u8> {
    let mut parts = vec![string(1, reference)];
    parts.extend(targets.iter().map(|target| message(2, &[string(1, target)])));
    message(8, &parts)
}

fn metadata() -> Vec<Vec<u8>> {
    vec![
        time(1, 1_767_225_600),
        message(
            2,
            &[message(6, &[number(1, 1), string(8, "maker"), string(9, "2")])],
        ),
        message(3, &[string(1, "Ann"), string(2, "ann@example.org")]),
        message(
            4,
            &[number(1, 1), string(3, "app"), string(8, "app"), string(9, "1")],
        ),
        message(
            6,
            &[
                string(1, "Example"),
                string(2, "https://example.org"),
                message(3, &[string(1, "Bob")]),
            ],
        ),
        license_id(7, "CC0-1.0"),
        property(8, "document", "yes"),
        message(9, &[number(1, 2)]),
        message(9, &[string(2, "sign-off")]),
    ]
}

fn component_a() -> Vec<Vec<u8>> {
    vec![
        number(1, 3),
        string(2, "text/plain"),
        string(3, "a"),
        message(
            4,
            &[string(1, "Supplier"), message(3, &[string(2, "s@example.org")])],
        ),
        string(5, "Old Author"),
        string(6, "Pub"),
        string(7, "g"),
        string(8, "a"),
        string(9, "1"),
        string(10, "An & a <thing>"),
        number(11, 2),
        message(12, &[number(1, 3), string(2, "ab")]),
        message(
            13,
            &[message(
                1,
                &[
                    string(1, "MIT"),
                    message(3, &[string(2, "base64"), string(3, "VGV4dA==")]),
                    number(8, 2),
                ],
            )],
        ),
        message(
            13,
            &[message(
                1,
                &[string(2, "Own"), string(4, "https://example.org/license")],
            )],
        ),
        message(13, &[string(2, "MIT OR Zlib")]),
        string(14, "(c)"),
        string(15, "cpe:2.3:a:a"),
        string(16, "pkg:npm/%40g/a@1"),
        message(17, &[string(1, "t"), string(2, "a"), string(3, "1")]),
        message(19, &pedigree()),
        message(
            20,
            &[
                number(1, 1),
                string(2, "https://example.org/a"),
                string(3, "here"),
                message(4, &[number(1, 1), string(2, "cd")]),
            ],
        ),
        message(
            21,
            &[
                number(1, 2),
                string(3, "inner"),
                string(8, "inner"),
                string(9, "3"),
            ],
        ),
        property(22, "cdx:npm:package:development", "true"),
        message(23, &evidence()),
        message(28, &[string(1, "Maker"), string(2, "https://example.org/maker")]),
        message(29, &[string(1, "New Author")]),
        string(30, "x"),
        string(30, "y"),
    ]
}

fn pedigree() -> Vec<Vec<u8>> {
    vec![
        message(
            1,
            &[
                number(1, 3),
                string(7, "g"),
                string(8, "old"),
                string(9, "0"),
                string(16, "pkg:npm/old@0"),
            ],
        ),
        message(
            4,
            &[string(1, "1"), string(2, "https://example.org/1"), string(5, "m")],
        ),
        message(
            5,
            &[
                number(1, 3),
                message(2, &[string(2, "https://example.org/d")]),
                message(3, &[number(1, 3), string(2, "CVE-2024-1")]),
            ],
        ),
        string(6, "forked"),
    ]
}

fn evidence() -> Vec<Vec<u8>> {
    vec![
        license_id(1, "MIT"),
        message(2, &[string(1, "(c) A")]),
        message(
            3,
            &[
                number(1, 4),
                float(2, 1.0),
                message(3, &[number(1, 7), float(2, 0.5), string(3, "a.js")]),
                string(5, "pkg:npm/a@1"),
            ],
        ),
        message(4, &[string(2, "/a.js"), number(3, 3)]),
    ]
}

fn service() -> Vec<Vec<u8>> {
    vec![
        string(1, "api"),
        message(2, &[string(1, "P")]),
        string(3, "g"),
        string(4, "api"),
        string(5, "1"),
        string(6, "d"),
        string(7, "https://example.org/api"),
        number(8, 1),
        number(9, 0),
        license_id(11, "MIT"),
        message(12, &[number(1, 3), string(2, "https://example.org")]),
        message(13, &[string(1, "api2"), string(4, "inner")]),
        property(14, "p", "v"),
    ]
}

fn vulnerability() -> Vec<Vec<u8>> {
    vec![
        string(2, "CVE-2024-1"),
        message(3, &[string(1, "NVD"), string(2, "https://example.org/nvd")]),
        message(4, &[string(1, "GHSA-1")]),
        message(
            5,
            &[
                message(1, &[string(1, "NVD")]),
                double(2, 9.8),
                number(3, 1),
                number(4, 3),
                string(5, "CVSS:3.1/AV:N"),
                string(6, "why"),
            ],
        ),
        bytes(6, &[79, 89]),
        string(7, "d"),
        string(8, "dd"),
        string(9, "r"),
        message(10, &[string(1, "t"), string(2, "https://example.org/t")]),
        time(12, 1_704_067_200),
        time(13, 1_704_153_600),
        message(
            16,
            &[
                number(1, 6),
                number(2, 2),
                number(3, 2),
                string(4, "never called"),
                time(5, 1_704_240_000),
                time(6, 1_704_326_400),
            ],
        ),
        message(
            17,
            &[
                string(1, "a"),
                message(2, &[string(1, "1"), number(3, 2)]),
                message(2, &[string(2, "vers:npm/<2")]),
            ],
        ),
        property(18, "p", "v"),
        string(21, "w"),
    ]
}
