//! What [`super::pack`] says of a pack in, the bytes of its index out (version 2).
//!
//! git and libgit2 read a pack only through its index: a fan-out table over
//! the first byte of each name, then names, checksums and offsets, sorted.

use std::io::{self, Write};

use super::pack::{Checksummed, Entry, Summary};

/// Writes the index that belongs to a pack.
pub(super) fn write(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let mut entries: Vec<&Entry> = summary.entries.iter().collect();
    entries.sort_unstable_by_key(|entry| entry.id);

    let mut out = Checksummed::new(out);
    out.write(&[0xff, b't', b'O', b'c'])?;
    out.write(&2_u32.to_be_bytes())?;
    for count in fan_out(&entries) {
        out.write(&count.to_be_bytes())?;
    }
    for entry in &entries {
        out.write(entry.id.as_bytes())?;
    }
    for entry in &entries {
        out.write(&entry.crc.to_be_bytes())?;
    }
    for entry in &entries {
        out.write(&entry.offset.to_be_bytes())?;
    }
    out.write(&summary.checksum)?;
    out.finish().map(|_| ())
}

/// For each value of a name's first byte, how many names begin with it or a smaller one.
fn fan_out(entries: &[&Entry]) -> [u32; 256] {
    let mut table = [0_u32; 256];
    for entry in entries {
        table[usize::from(entry.id.as_bytes()[0])] += 1;
    }
    let mut total = 0;
    for count in &mut table {
        total += *count;
        *count = total;
    }
    table
}
