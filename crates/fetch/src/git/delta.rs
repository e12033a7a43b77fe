//! Deltas: an object as pieces of another one and new bytes between them.

/// Applies a delta; `None` when it does not fit its base or makes more than `most` bytes.
pub(super) fn apply(base: &[u8], delta: &[u8], most: u64) -> Option<Vec<u8>> {
    let mut rest = delta;
    let base_size = size(&mut rest)?;
    let result_size = size(&mut rest)?;
    if base_size != base.len() as u64 || result_size > most {
        return None;
    }
    let length = usize::try_from(result_size).ok()?;
    // A delta may promise much and bring little.
    let mut result = Vec::with_capacity(length.min(base.len() + delta.len()));
    while let Some((&command, behind)) = rest.split_first() {
        rest = behind;
        if command & 0x80 != 0 {
            let (offset, count) = copy(command, &mut rest)?;
            result.extend_from_slice(base.get(offset..offset.checked_add(count)?)?);
        } else if command > 0 {
            let (new, behind) = rest.split_at_checked(usize::from(command))?;
            result.extend_from_slice(new);
            rest = behind;
        } else {
            return None;
        }
        if result.len() > length {
            return None;
        }
    }
    (result.len() == length).then_some(result)
}

/// Seven bits a byte, the lowest first.
fn size(rest: &mut &[u8]) -> Option<u64> {
    let (mut value, mut shift) = (0_u64, 0);
    loop {
        let (&byte, behind) = rest.split_first()?;
        *rest = behind;
        if shift > 56 {
            return None;
        }
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
}

/// The bits of the command say which bytes of offset and count follow; a count of 0 is 64 KiB.
fn copy(command: u8, rest: &mut &[u8]) -> Option<(usize, usize)> {
    let mut take = |bits: std::ops::Range<u32>| {
        let mut value = 0_usize;
        for (place, bit) in bits.enumerate() {
            if command & (1 << bit) != 0 {
                let (&byte, behind) = rest.split_first()?;
                *rest = behind;
                value |= usize::from(byte) << (8 * place);
            }
        }
        Some(value)
    };
    let offset = take(0..4)?;
    let count = take(4..7)?;
    Some((offset, if count == 0 { 0x1_0000 } else { count }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_and_new_bytes_make_the_object() {
        // Base "hello world", result "world, hello": copy 6..11, insert ", ", copy 0..5.
        let delta = [11, 12, 0x91, 6, 5, 2, b',', b' ', 0x90, 5];
        assert_eq!(apply(b"hello world", &delta, 100).unwrap(), b"world, hello");
        assert_eq!(apply(b"hello world", &delta, 11), None, "larger than allowed");
        assert_eq!(apply(b"hello", &delta, 100), None, "another base");
    }

    #[test]
    fn broken_deltas_are_refused() {
        for delta in [
            &[][..],
            &[11],
            &[11, 3, 0],
            &[11, 3, 0x91, 9, 9],
            &[11, 3, 5, 1],
            &[11, 3],
            &[0xff; 20],
        ] {
            assert_eq!(apply(b"hello world", delta, 100), None, "{delta:?}");
        }
    }
}
