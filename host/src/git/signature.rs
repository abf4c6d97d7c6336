//! Who made a commit, and when, in the form that a commit holds.

/// A person or program as git knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
}

/// An identity at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Who.
    pub identity: Identity,
    /// Seconds since 1970, UTC.
    pub seconds: i64,
    /// Minutes that the local time was ahead of UTC.
    pub offset_minutes: i32,
}

impl Signature {
    /// The header's value, without the characters that would end a part of it early.
    pub(super) fn to_header(&self) -> String {
        let (name, email) = (clean(&self.identity.name), clean(&self.identity.email));
        let sign = if self.offset_minutes < 0 { '-' } else { '+' };
        let offset = self.offset_minutes.unsigned_abs();
        let (hours, minutes) = (offset / 60, offset % 60);
        format!(
            "{name} <{email}> {} {sign}{hours:02}{minutes:02}",
            self.seconds
        )
    }
}

impl From<git2::Signature<'_>> for Signature {
    fn from(signature: git2::Signature<'_>) -> Self {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        Self {
            identity: Identity {
                name: text(signature.name_bytes()),
                email: text(signature.email_bytes()),
            },
            seconds: signature.when().seconds(),
            offset_minutes: signature.when().offset_minutes(),
        }
    }
}

fn clean(text: &str) -> String {
    let text = text.replace(
        |character: char| "<>".contains(character) || character.is_control(),
        "",
    );
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &str, offset_minutes: i32) -> String {
        let identity = Identity {
            name: name.to_owned(),
            email: "a@example.net".to_owned(),
        };
        Signature {
            identity,
            seconds: 7,
            offset_minutes,
        }
        .to_header()
    }

    #[test]
    fn an_identity_cannot_forge_a_header() {
        assert_eq!(
            header("A>\ncommitter B", 0),
            "Acommitter B <a@example.net> 7 +0000"
        );
    }

    #[test]
    fn the_offset_is_in_hours_and_minutes() {
        assert_eq!(header("A", -210), "A <a@example.net> 7 -0330");
        assert_eq!(header("A", 120), "A <a@example.net> 7 +0200");
    }
}
