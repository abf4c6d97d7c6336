//! Objects in, the bytes of a pack out: a header, each object compressed on
//! its own, a checksum over everything.
//!
//! There are no deltas: finding them costs more than all other steps of a
//! commit, and `git gc` does it later. An [`Encoder`] looks at one object only, so
//! objects are compressed in parallel.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};

use flate2::{Compress, Compression, Crc, FlushCompress, Status};
use git2::Oid;
use sha1_checked::{Digest, Sha1};
use tempfile::NamedTempFile;

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

/// An object as it stands in a pack.
pub(super) struct Encoded {
    id: Oid,
    crc: u32,
    bytes: Vec<u8>,
}

/// Compresses objects, one after the other.
pub(super) struct Encoder(Compress);

impl Default for Encoder {
    fn default() -> Self {
        Self(Compress::new(Compression::fast(), true))
    }
}

impl Encoder {
    /// Kind and size, then the content as a zlib stream.
    pub(super) fn encode(&mut self, object: &Object<'_>) -> io::Result<Encoded> {
        let mut bytes = Vec::with_capacity(object.bytes.len() / 2 + 64);
        push_header(object, &mut bytes);
        self.0.reset();
        let mut rest: &[u8] = &object.bytes;
        loop {
            bytes.reserve(rest.len() / 2 + 64);
            let before = self.0.total_in();
            let status = self
                .0
                .compress_vec(rest, &mut bytes, FlushCompress::Finish)
                .map_err(io::Error::other)?;
            let taken = usize::try_from(self.0.total_in() - before)
                .expect("no more is taken than was in memory");
            rest = &rest[taken..];
            if status == Status::StreamEnd {
                break;
            }
        }
        Ok(Encoded {
            id: object.id,
            crc: crc(&bytes),
            bytes,
        })
    }
}

/// A pack that grows. How many objects it has stands at its beginning, and is known
/// at its end.
pub(super) struct PackWriter {
    out: BufWriter<NamedTempFile>,
    entries: Vec<Entry>,
    written: u64,
}

const HEADER_BYTES: u64 = 12;
const COUNT_OFFSET: u64 = 8;

impl PackWriter {
    pub(super) fn begin(file: NamedTempFile) -> io::Result<Self> {
        let mut out = BufWriter::with_capacity(1 << 18, file);
        out.write_all(b"PACK")?;
        out.write_all(&2_u32.to_be_bytes())?;
        out.write_all(&0_u32.to_be_bytes())?;
        Ok(Self {
            out,
            entries: Vec::new(),
            written: HEADER_BYTES,
        })
    }

    /// Adds an object, which must not be there yet.
    pub(super) fn append(&mut self, object: &Encoded) -> io::Result<()> {
        // The index has 31 bits for an offset; the 64-bit table that would
        // follow is for packs ten times the size of a fleet of ten thousand.
        let offset = i32::try_from(self.written).ok().map(i32::cast_unsigned);
        let offset = offset.ok_or_else(too_large)?;
        self.out.write_all(&object.bytes)?;
        self.written += object.bytes.len() as u64;
        self.entries.push(Entry {
            id: object.id,
            crc: object.crc,
            offset,
        });
        Ok(())
    }

    /// Writes how many there are, and the checksum of everything.
    pub(super) fn finish(mut self) -> io::Result<(BufWriter<NamedTempFile>, Summary)> {
        let count = u32::try_from(self.entries.len()).map_err(|_| too_large())?;
        self.out.seek(SeekFrom::Start(COUNT_OFFSET))?;
        self.out.write_all(&count.to_be_bytes())?;
        self.out.flush()?;
        let checksum = checksum(self.out.get_ref().as_file())?;
        self.out.seek(SeekFrom::End(0))?;
        self.out.write_all(&checksum)?;
        let summary = Summary {
            entries: self.entries,
            checksum,
        };
        Ok((self.out, summary))
    }
}

fn checksum(file: &File) -> io::Result<[u8; 20]> {
    let mut file = file;
    file.seek(SeekFrom::Start(0))?;
    let mut sha1 = plain_sha1();
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(sha1.finalize().into()),
            read => sha1.update(&buffer[..read]),
        }
    }
}

/// Against damage, not a name: collisions do not matter.
fn plain_sha1() -> Sha1 {
    Sha1::builder().detect_collision(false).build()
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

/// Passes bytes on and hashes them.
pub(super) struct Checksummed<'a, W: Write> {
    out: &'a mut W,
    sha1: Sha1,
}

impl<'a, W: Write> Checksummed<'a, W> {
    pub(super) fn new(out: &'a mut W) -> Self {
        Self {
            out,
            sha1: plain_sha1(),
        }
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sha1.update(bytes);
        self.out.write_all(bytes)
    }

    /// Appends the checksum of everything before it.
    pub(super) fn finish(self) -> io::Result<[u8; 20]> {
        let checksum: [u8; 20] = self.sha1.finalize().into();
        self.out.write_all(&checksum)?;
        Ok(checksum)
    }
}
