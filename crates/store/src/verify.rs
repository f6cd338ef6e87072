//! Walks the whole audit chain and says where it was tampered with.

use std::path::Path;

use ed25519_dalek::{Signature, VerifyingKey};
use serde::Serialize;

use crate::StoreError;
use crate::audit::{Entry, Mark};
use crate::sql::{Connection, Location, all, one, params};

/// What is wrong, and at which entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Tampering {
    /// The content of an entry is not what was hashed, or it stands in another's place.
    Changed { seq: i64 },
    /// One entry or more before `seq` are gone.
    Missing { seq: i64 },
    /// Entries after `seq`, which a signature still names, are gone.
    CutOff { seq: i64, signed: i64 },
    /// A signature does not fit the chain or the key.
    BadSignature { seq: i64 },
    /// There are entries that no signature covers.
    NoSignature { seq: i64 },
    /// Signed with another key than the expected one.
    OtherKey,
}

/// The result of a walk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditReport {
    pub entries: i64,
    pub checkpoints: usize,
    /// Hash of the last entry, in hexadecimal.
    pub head: String,
    /// The key was given by the caller, not taken from the database itself.
    pub key_pinned: bool,
    /// Every finding, in the order of the chain (at most 100).
    pub tampering: Vec<Tampering>,
}

impl AuditReport {
    pub fn is_intact(&self) -> bool {
        self.tampering.is_empty()
    }
}

const MAX_FINDINGS: usize = 100;

/// Walks the chain in the database at `path`, read-only; also while the store is open.
///
/// `pinned`: the public key that must have signed ([`crate::Store::audit_public_key`]); without it the key in the
/// database is believed, which only finds tampering by someone who did not also replace every signature.
///
/// # Errors
/// The file cannot be read as a store's database.
pub fn verify_audit(path: &Path, pinned: Option<[u8; 32]>) -> Result<AuditReport, StoreError> {
    verify_audit_in(&Location::File(path.to_owned()), pinned)
}

/// As [`verify_audit`], wherever the database is.
///
/// # Errors
/// It cannot be read as a store's database.
pub fn verify_audit_in(location: &Location, pinned: Option<[u8; 32]>) -> Result<AuditReport, StoreError> {
    // A thread of its own, so that an asynchronous caller may wait here, too.
    let look = || Connection::reading(location)?.snapshot(|conn| walk(conn, pinned));
    std::thread::scope(|scope| scope.spawn(look).join())
        .unwrap_or_else(|_| Err(StoreError::Internal("the walk through the audit chain stopped".to_owned())))
}

/// Walks the chain on one snapshot, so that the writer may go on meanwhile.
pub(crate) fn walk(snapshot: &Connection, pinned: Option<[u8; 32]>) -> Result<AuditReport, StoreError> {
    let head = one(snapshot, "SELECT seq, hash, signature, public_key FROM audit_head", params![], |row| {
        let signed = Signed { mark: Mark { seq: row.get(0)?, hash: row.get(1)? }, signature: row.get(2)? };
        Ok((signed, row.get::<[u8; 32]>(3)?))
    })?;
    let sql = "SELECT seq, hash, signature FROM audit_checkpoints ORDER BY seq";
    let checkpoints = all(snapshot, sql, params![], |row| {
        Ok(Signed { mark: Mark { seq: row.get(0)?, hash: row.get(1)? }, signature: row.get(2)? })
    })?;
    let key = pinned.or(head.as_ref().map(|h| h.1));
    let mut walk = Walk { key: key.and_then(|k| VerifyingKey::from_bytes(&k).ok()), ..Walk::default() };
    if let (Some(pinned), Some((_, used))) = (pinned, &head)
        && pinned != *used
    {
        walk.found(Tampering::OtherKey);
    }
    walk.entries(snapshot, &checkpoints)?;
    walk.end(head.map(|h| h.0), checkpoints.last());
    Ok(AuditReport {
        entries: walk.at.seq,
        checkpoints: checkpoints.len(),
        head: hex::encode(walk.at.hash),
        key_pinned: pinned.is_some(),
        tampering: walk.findings,
    })
}

struct Signed {
    mark: Mark,
    signature: [u8; 64],
}

struct Walk {
    key: Option<VerifyingKey>,
    at: Mark,
    findings: Vec<Tampering>,
}

impl Default for Walk {
    fn default() -> Self {
        Self { key: None, at: Mark::START, findings: Vec::new() }
    }
}

impl Walk {
    fn found(&mut self, tampering: Tampering) {
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(tampering);
        }
    }

    fn entries(&mut self, connection: &Connection, checkpoints: &[Signed]) -> Result<(), StoreError> {
        let mut checkpoints = checkpoints.iter().peekable();
        let sql = "SELECT seq, at, kind, subject, detail, hash FROM audit ORDER BY seq";
        connection.each(sql, params![], &mut |row| {
            let seq: i64 = row.get(0)?;
            let kept: [u8; 32] = row.get(5)?;
            if seq != self.at.seq.saturating_add(1) {
                self.found(Tampering::Missing { seq });
                // Goes on from here: what follows is judged by its own links.
                self.at = Mark { seq, hash: kept };
            } else {
                let (kind, subject, detail): (String, Vec<u8>, String) = (row.get(2)?, row.get(3)?, row.get(4)?);
                let entry = Entry { at: row.get(1)?, kind: &kind, subject: &subject, detail: &detail };
                if entry.after(self.at).hash != kept {
                    self.found(Tampering::Changed { seq });
                }
                self.at = Mark { seq, hash: kept };
            }
            while let Some(signed) = checkpoints.next_if(|c| c.mark.seq <= seq) {
                if signed.mark.seq == seq {
                    self.signature(signed);
                }
            }
            Ok(())
        })
    }

    fn signature(&mut self, signed: &Signed) {
        let message = signed.mark.message();
        let signature = Signature::from_bytes(&signed.signature);
        let fits = self.key.as_ref().is_some_and(|key| key.verify_strict(&message, &signature).is_ok());
        if !fits || signed.mark != self.at {
            self.found(Tampering::BadSignature { seq: signed.mark.seq });
        }
    }

    fn end(&mut self, head: Option<Signed>, last_checkpoint: Option<&Signed>) {
        let signed = head.as_ref().map_or(0, |h| h.mark.seq).max(last_checkpoint.map_or(0, |c| c.mark.seq));
        if signed > self.at.seq {
            self.found(Tampering::CutOff { seq: self.at.seq, signed });
        }
        match head {
            Some(head) if head.mark.seq < self.at.seq => self.found(Tampering::NoSignature { seq: head.mark.seq + 1 }),
            Some(head) if head.mark.seq == self.at.seq => self.signature(&head),
            None if self.at.seq > 0 => self.found(Tampering::NoSignature { seq: 1 }),
            Some(_) | None => {}
        }
    }
}

/// The audit entry that records an erasure receipt, by the SHA-256 (hex) of its text; also while the store is open.
/// [`verify_audit`] says whether the chain around it is intact.
///
/// # Errors
/// It cannot be read as a store's database.
pub fn audited_receipt(location: &Location, digest: &str) -> Result<Option<i64>, StoreError> {
    let kept = format!("%\"receipt_sha256\":\"{digest}\"%");
    let sql = "SELECT seq FROM audit WHERE kind = 'template.erased' AND detail LIKE ?1";
    let look = || one(&Connection::reading(location)?, sql, params![kept], |row| row.get(0));
    std::thread::scope(|scope| scope.spawn(look).join())
        .unwrap_or_else(|_| Err(StoreError::Internal("the look at the audit chain stopped".to_owned())))
}
