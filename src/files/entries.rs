//! The entries of a tar archive whose author is not trusted: what is kept in memory of each has a bound. A name that
//! is too long for a header stands in an entry of its own, which the reader keeps whole, whatever size that has.

use std::cell::Cell;
use std::io::{self, Read};

/// What may be read before the content of an entry begins, in bytes. The longest path of Linux has 4096.
const HEADERS: u64 = 256 * 1024;

/// A reader that fails after so many bytes.
pub struct Metered<'a, R> {
    from: R,
    left: &'a Cell<u64>,
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.left.get();
        if left == 0 && !buffer.is_empty() {
            return Err(io::Error::other(
                "an entry of the archive has too long a name",
            ));
        }
        let most = usize::try_from(left)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let count = self.from.read(&mut buffer[..most])?;
        self.left.set(left - count as u64);
        Ok(count)
    }
}

/// Calls `visit` with each entry.
///
/// # Errors
/// The first of `visit`, and an archive that is none.
pub fn each_entry<R: Read>(
    archive: R,
    mut visit: impl FnMut(&mut tar::Entry<'_, Metered<'_, R>>) -> io::Result<()>,
) -> io::Result<()> {
    let left = Cell::new(HEADERS);
    let mut archive = tar::Archive::new(Metered {
        from: archive,
        left: &left,
    });
    let mut entries = archive.entries()?;
    loop {
        left.set(HEADERS);
        let Some(entry) = entries.next() else {
            return Ok(());
        };
        let mut entry = entry?;
        left.set(u64::MAX);
        visit(&mut entry)?;
        // What is left of it would count to the next one.
        io::copy(&mut entry, &mut io::sink())?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_a_bound_and_content_has_none() {
        let archive = |kind: tar::EntryType, size: u64| {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(kind);
            header.set_size(size);
            header.set_cksum();
            let head = io::Cursor::new(header.as_bytes().to_vec());
            let fill = size.next_multiple_of(512);
            head.chain(io::repeat(b'x').take(fill))
                .chain(io::repeat(0).take(1024))
        };
        let read = |kind, size| each_entry(archive(kind, size), |_| Ok(()));
        let kinds = [
            tar::EntryType::GNULongName,
            tar::EntryType::GNULongLink,
            tar::EntryType::XHeader,
        ];
        for kind in kinds {
            let error = read(kind, 8 << 30).expect_err("a bound").to_string();
            assert!(error.contains("too long a name"), "{kind:?}: {error}");
        }
        read(tar::EntryType::Regular, 8 << 20).expect("read");
        read(tar::EntryType::Directory, 8 << 20).expect("read");
        let many = (0..1000).fold(Vec::new(), |mut all, _| {
            let mut header = tar::Header::new_gnu();
            header.set_size(0);
            header.set_cksum();
            all.extend_from_slice(header.as_bytes());
            all
        });
        let mut count = 0;
        let counted = each_entry(many.as_slice(), |_| {
            count += 1;
            Ok(())
        });
        counted.expect("read");
        assert_eq!(count, 1000);
    }
}
