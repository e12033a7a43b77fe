//! What proves that a message came from us: HMAC-SHA-256 (RFC 2104) over the moment and the body.

use sha2::{Digest, Sha256};

/// Bytes of a block of SHA-256.
const BLOCK: usize = 64;

/// The header's value: `t=SECONDS,v1=HEX`. The moment is signed too, so that an old message cannot be sent again unseen.
pub(crate) fn header(secret: &str, seconds: i64, body: &str) -> String {
    let signed = format!("{seconds}.{body}");
    let code = hmac(secret.as_bytes(), signed.as_bytes());
    format!("t={seconds},v1={}", hex::encode(code))
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut block = [0_u8; BLOCK];
    let hashed: [u8; 32];
    let key = if key.len() > BLOCK {
        hashed = Sha256::digest(key).into();
        &hashed[..]
    } else {
        key
    };
    for (into, from) in block.iter_mut().zip(key) {
        *into = *from;
    }
    let inner = Sha256::new()
        .chain_update(block.map(|byte| byte ^ 0x36))
        .chain_update(message)
        .finalize();
    Sha256::new()
        .chain_update(block.map(|byte| byte ^ 0x5c))
        .chain_update(inner)
        .finalize()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test cases 1, 2, 3 and 6.
    #[test]
    fn codes_are_those_of_the_standard() {
        let check = |key: &[u8], message: &[u8], expect: &str| {
            assert_eq!(hex::encode(hmac(key, message)), expect);
        };
        check(
            &[0x0b; 20],
            b"Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        );
        check(
            b"Jefe",
            b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        );
        check(
            &[0xaa; 20],
            &[0xdd; 50],
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
        );
        check(
            &[0xaa; 131],
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        );
    }

    #[test]
    fn another_moment_is_another_signature() {
        let one = header("plbw_x", 1_700_000_000, "{}");
        assert!(one.starts_with("t=1700000000,v1="), "{one}");
        assert_ne!(one, header("plbw_x", 1_700_000_001, "{}"));
        assert_ne!(one, header("plbw_y", 1_700_000_000, "{}"));
    }
}
