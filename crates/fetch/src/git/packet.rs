//! Packets: four hexadecimal digits of length, then the content; three short ones are marks.

/// One packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Packet {
    Data(Vec<u8>),
    /// `0000`: the end of a message.
    Flush,
    /// `0001`: between the parts of a message.
    Delimiter,
    /// `0002`: the end of an answer without state.
    End,
}

/// The stream is none of packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoPackets;

/// Cuts packets out of a stream that comes in pieces.
#[derive(Debug, Default)]
pub(super) struct Packets {
    held: Vec<u8>,
    at: usize,
}

impl Packets {
    pub(super) fn push(&mut self, piece: &[u8]) {
        self.held.drain(..self.at);
        self.at = 0;
        self.held.extend_from_slice(piece);
    }

    /// The next packet; `None` when more must come first.
    pub(super) fn next(&mut self) -> Result<Option<Packet>, NoPackets> {
        let rest = &self.held[self.at..];
        let Some(head) = rest.get(..4) else {
            return Ok(None);
        };
        if !head.iter().all(u8::is_ascii_hexdigit) {
            return Err(NoPackets);
        }
        let digits = std::str::from_utf8(head).map_err(|_| NoPackets)?;
        let length = usize::from_str_radix(digits, 16).map_err(|_| NoPackets)?;
        let packet = match length {
            0 => Packet::Flush,
            1 => Packet::Delimiter,
            2 => Packet::End,
            3 => return Err(NoPackets),
            length => match rest.get(4..length) {
                Some(content) => Packet::Data(content.to_vec()),
                None => return Ok(None),
            },
        };
        self.at += length.max(4);
        Ok(Some(packet))
    }

    /// Whether something is left that is no whole packet.
    pub(super) fn is_empty(&self) -> bool {
        self.at == self.held.len()
    }
}

/// Adds one line to a message.
pub(super) fn line(message: &mut Vec<u8>, text: &str) {
    message.extend_from_slice(format!("{:04x}{text}\n", text.len() + 5).as_bytes());
}

pub(super) fn delimiter(message: &mut Vec<u8>) {
    message.extend_from_slice(b"0001");
}

pub(super) fn flush(message: &mut Vec<u8>) {
    message.extend_from_slice(b"0000");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_cut_out_of_pieces() {
        let mut message = Vec::new();
        line(&mut message, "version 2");
        delimiter(&mut message);
        flush(&mut message);
        let mut packets = Packets::default();
        let mut found = Vec::new();
        for piece in message.chunks(3) {
            packets.push(piece);
            while let Some(packet) = packets.next().unwrap() {
                found.push(packet);
            }
        }
        assert_eq!(
            found,
            [
                Packet::Data(b"version 2\n".to_vec()),
                Packet::Delimiter,
                Packet::Flush
            ]
        );
        assert!(packets.is_empty());
    }

    #[test]
    fn other_streams_are_refused() {
        for text in ["<html>", "0003", "zzzz", "+001"] {
            let mut packets = Packets::default();
            packets.push(text.as_bytes());
            assert_eq!(packets.next(), Err(NoPackets), "{text}");
        }
    }
}
