//! Where a message ends.

use std::io::{self, Read};

/// How to find the messages in what a client sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// A kind of one byte and a length of four; without the kind until the client has told its name (PostgreSQL's
    /// manual, 55.7 "Message Formats").
    Postgres,
    /// A length of three bytes, the lowest first, and a number of one (MySQL's "Client/Server Protocol", "`MySQL`
    /// Packets"). The client's first message answers the server's greeting.
    MySql,
    /// Packets of a head of eight bytes, with a mark in the last one of a message and a length of two (MS-TDS, 2.2.3.1
    /// "Packet Header").
    Tds,
}

impl Protocol {
    /// Reads the next message of a client, its head included. `named` is kept for each connection, and false at first.
    ///
    /// # Errors
    /// Where the connection ends.
    pub fn message(self, from: &mut impl Read, named: &mut bool) -> io::Result<Vec<u8>> {
        match self {
            Self::Postgres => postgres_message(from, named),
            Self::MySql => mysql_message(from),
            Self::Tds => tds_message(from),
        }
    }

    /// The address without encryption: messages cannot be told apart inside of a secure connection.
    pub fn unencrypted(self, url: &str) -> String {
        let sign = if url.contains('?') { '&' } else { '?' };
        match self {
            Self::Postgres => format!("{url}{sign}sslmode=disable"),
            Self::MySql => format!("{url}{sign}ssl-mode=disabled"),
            // Whom to trust makes no sense then, and is refused.
            Self::Tds => format!("{}?encrypt=none", url.split('?').next().unwrap_or(url)),
        }
    }
}

/// What a client may send before it tells its name: wishes for encryption.
const WISHES: [u32; 2] = [80_877_103, 80_877_104];

fn postgres_message(from: &mut impl Read, named: &mut bool) -> io::Result<Vec<u8>> {
    let mut message = vec![0; if *named { 5 } else { 4 }];
    from.read_exact(&mut message)?;
    let head = message.len();
    let length = number(&message[head - 4..]) as usize;
    message.resize(head - 4 + length, 0);
    from.read_exact(&mut message[head..])?;
    if !*named {
        *named = !WISHES.contains(&number(&message[4..8]));
    }
    Ok(message)
}

fn mysql_message(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut message = vec![0; 4];
    from.read_exact(&mut message)?;
    let length = number(&[message[2], message[1], message[0]]) as usize;
    message.resize(4 + length, 0);
    from.read_exact(&mut message[4..])?;
    Ok(message)
}

fn tds_message(from: &mut impl Read) -> io::Result<Vec<u8>> {
    const LAST: u8 = 1;
    let mut message = Vec::new();
    loop {
        let mut head = [0; 8];
        from.read_exact(&mut head)?;
        let length = number(&head[2..4]) as usize;
        let begin = message.len() + head.len();
        message.extend(head);
        message.resize((begin + length).saturating_sub(head.len()).max(begin), 0);
        from.read_exact(&mut message[begin..])?;
        if head[1] & LAST != 0 {
            return Ok(message);
        }
    }
}

fn number(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_mysql_ends_where_its_length_says() {
        let mut sent: &[u8] = b"\x03\0\0\0\x03hi\x01\0\0\0\x01";
        let mut next = || Protocol::MySql.message(&mut sent, &mut false).ok();
        assert_eq!(next().as_deref(), Some(b"\x03\0\0\0\x03hi".as_slice()));
        assert_eq!(next().as_deref(), Some(b"\x01\0\0\0\x01".as_slice()));
        assert_eq!(next(), None);
    }

    #[test]
    fn a_message_of_tds_ends_with_the_packet_that_says_so() {
        let packets = b"\x01\0\0\x0a\0\0\x01\0hi\x01\x01\0\x09\0\0\x02\0!";
        let mut sent: &[u8] = &[packets.as_slice(), b"\x06\x01\0\x08\0\0\x01\0"].concat();
        let mut next = || Protocol::Tds.message(&mut sent, &mut false).ok();
        assert_eq!(next().as_deref(), Some(packets.as_slice()));
        assert_eq!(next().map(|message| message.len()), Some(8));
        assert_eq!(next(), None);
    }
}
