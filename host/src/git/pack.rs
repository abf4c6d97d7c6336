//! Objects in, the bytes of a pack out: a header, each object compressed on
//! its own, a checksum over everything.
//!
//! There are no deltas: finding them costs more than all other steps of a
//! commit, and `git gc` does it later. Nothing here touches a file or a
//! repository, and [`encode`] looks at one object only, so entries can be
//! compressed in parallel without changing a byte of the result.

use std::io::{self, Write};

use flate2::{Compress, Compression, Crc, FlushCompress, Status};
use git2::Oid;
use sha1_checked::{Digest, Sha1};

use super::object::Object;

/// Where an object went, for the pack's index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) id: Oid,
    pub(super) crc: u32,
    pub(super) offset: u32,
}

/// What the index and the file's name need to know of a written pack.
#[derive(Debug)]
pub(super) struct Summary {
    pub(super) entries: Vec<Entry>,
    pub(super) checksum: [u8; 20],
}

/// Writes `objects`, which must differ from each other, as one pack.
pub(super) fn write(objects: &[Object<'_>], out: &mut impl Write) -> io::Result<Summary> {
    let count = u32::try_from(objects.len()).map_err(|_| too_large())?;
    let mut out = Checksummed::new(out);
    out.write(b"PACK")?;
    out.write(&2_u32.to_be_bytes())?;
    out.write(&count.to_be_bytes())?;

    let mut compressor = Compress::new(Compression::fast(), true);
    let mut buffer = Vec::new();
    let mut entries = Vec::with_capacity(objects.len());
    for object in objects {
        // The index has 31 bits for an offset; the 64-bit table that would
        // follow is for packs sixty times the size of a large fleet.
        let offset = i32::try_from(out.written).ok().map(i32::cast_unsigned);
        let offset = offset.ok_or_else(too_large)?;
        encode(object, &mut compressor, &mut buffer)?;
        out.write(&buffer)?;
        entries.push(Entry {
            id: object.id,
            crc: crc(&buffer),
            offset,
        });
    }
    Ok(Summary {
        entries,
        checksum: out.finish()?,
    })
}

/// One entry: kind and size, then the content as a zlib stream.
fn encode(object: &Object<'_>, compressor: &mut Compress, buffer: &mut Vec<u8>) -> io::Result<()> {
    buffer.clear();
    push_header(object, buffer);
    compressor.reset();
    let mut rest: &[u8] = &object.bytes;
    loop {
        buffer.reserve(rest.len() / 2 + 64);
        let before = compressor.total_in();
        let status = compressor
            .compress_vec(rest, buffer, FlushCompress::Finish)
            .map_err(io::Error::other)?;
        let taken = usize::try_from(compressor.total_in() - before)
            .expect("no more is taken than was in memory");
        rest = &rest[taken..];
        if status == Status::StreamEnd {
            return Ok(());
        }
    }
}

/// Four bits of the size beside the kind, then seven bits a byte, lowest first.
fn push_header(object: &Object<'_>, buffer: &mut Vec<u8>) {
    let mut size = object.bytes.len();
    let low = |size: usize, bits: u32| {
        u8::try_from(size & ((1 << bits) - 1)).expect("at most seven bits were kept")
    };
    let mut byte = (object.kind.pack_number() << 4) | low(size, 4);
    size >>= 4;
    while size != 0 {
        buffer.push(byte | 0x80);
        byte = low(size, 7);
        size >>= 7;
    }
    buffer.push(byte);
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

fn too_large() -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, "more than 2 GiB in one commit")
}

/// Passes bytes on, counting and hashing them.
pub(super) struct Checksummed<'a, W: Write> {
    out: &'a mut W,
    sha1: Sha1,
    written: u64,
}

impl<'a, W: Write> Checksummed<'a, W> {
    pub(super) fn new(out: &'a mut W) -> Self {
        // A checksum against damage, not a name: collisions do not matter.
        let sha1 = Sha1::builder().detect_collision(false).build();
        Self {
            out,
            sha1,
            written: 0,
        }
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sha1.update(bytes);
        self.written += bytes.len() as u64;
        self.out.write_all(bytes)
    }

    /// Appends the checksum of everything before it.
    pub(super) fn finish(self) -> io::Result<[u8; 20]> {
        let checksum: [u8; 20] = self.sha1.finalize().into();
        self.out.write_all(&checksum)?;
        Ok(checksum)
    }
}
