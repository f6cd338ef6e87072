//! Walks every chain and says where it was tampered with.

use std::path::Path;

use base::TransferId;
use ed25519_dalek::VerifyingKey;
use serde::Serialize;

use super::entry::{Entry, Mark};
use super::heads::{FIRST_CHAIN, Heads};
use super::kept::KeptCheckpoint;
use super::money::Told;
use super::seal::Seal;
use crate::StoreError;
use crate::shard::{CHAINS, Shard};
use crate::sql::{Connection, Location, Row, all, one, params};

/// What is wrong, and where. `seq` is an entry's number in this database; a chain is known by its number from 0 on, the
/// first chain (from before there were several) by `None`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Tampering {
    /// The content of an entry is not what was hashed, or it stands in another's place.
    Changed { seq: i64 },
    /// One entry or more of the same chain before `seq` are gone.
    Missing { seq: i64 },
    /// Entries of a chain after its `place`-th, up to the `signed`-th that a signature names, are gone; `place` 0: all
    /// that was signed of it.
    CutOff { chain: Option<usize>, place: i64, signed: i64 },
    /// A chain has another entry at this place than a signature names: it was rolled back and written anew.
    Rewritten { chain: Option<usize>, place: i64 },
    /// A signature does not fit the heads or the key.
    BadSignature { seq: i64 },
    /// There are entries that no signature covers.
    NoSignature { seq: i64 },
    /// Signed with another key than the expected one.
    OtherKey,
    /// The log is intact, and the books have a transfer otherwise than its entry `seq` tells, or not at all.
    Books { seq: i64, transfer: TransferId },
    /// The log is intact, and the books have a transfer that no entry tells of.
    Untold { transfer: TransferId },
}

/// The result of a walk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditReport {
    pub entries: i64,
    /// Chains that have entries.
    pub chains: usize,
    pub checkpoints: usize,
    /// Root of all heads, in hexadecimal.
    pub head: String,
    /// The key was given by the caller, not taken from the database itself.
    pub key_pinned: bool,
    /// Every finding (at most 100): in the order of the entries, then what is missing at the end of each chain.
    pub tampering: Vec<Tampering>,
}

impl AuditReport {
    pub fn is_intact(&self) -> bool {
        self.tampering.is_empty()
    }
}

const MAX_FINDINGS: usize = 100;

/// Walks the chains in the database at `path`, and compares what they tell of money with the books; read-only, also while
/// the store is open.
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
    look(location, |conn| walk(conn, pinned))
}

/// As [`verify_audit_in`], and everything that `kept` names must still be there: a whole database that was put back to an
/// earlier state shows only against a checkpoint that was kept elsewhere.
///
/// # Errors
/// As [`verify_audit_in`].
pub fn verify_audit_against(
    location: &Location,
    pinned: [u8; 32],
    kept: &KeptCheckpoint,
) -> Result<AuditReport, StoreError> {
    look(location, |conn| walk_against(conn, Some(pinned), Some(kept)))
}

fn look<T: Send>(
    location: &Location,
    what: impl Fn(&Connection) -> Result<T, StoreError> + Sync,
) -> Result<T, StoreError> {
    // A thread of its own, so that an asynchronous caller may wait here, too.
    let look = || Connection::reading(location)?.snapshot(|conn| what(conn));
    std::thread::scope(|scope| scope.spawn(look).join())
        .unwrap_or_else(|_| Err(StoreError::Internal("the look at the audit chains stopped".to_owned())))
}

/// Walks the chains on one snapshot, so that the writer may go on meanwhile.
pub(crate) fn walk(snapshot: &Connection, pinned: Option<[u8; 32]>) -> Result<AuditReport, StoreError> {
    walk_against(snapshot, pinned, None)
}

fn walk_against(
    snapshot: &Connection,
    pinned: Option<[u8; 32]>,
    kept: Option<&KeptCheckpoint>,
) -> Result<AuditReport, StoreError> {
    let head = one(snapshot, &format!("SELECT {} FROM audit_head", Seal::COLUMNS), params![], Seal::read)?;
    let used: Option<[u8; 32]> = one(snapshot, "SELECT public_key FROM audit_head", params![], |row| row.get(0))?;
    let sql = format!("SELECT {} FROM audit_checkpoints ORDER BY seq", Seal::COLUMNS);
    let checkpoints = all(snapshot, &sql, params![], Seal::read)?;
    let key = pinned.or(used).and_then(|key| VerifyingKey::from_bytes(&key).ok());
    let mut walk =
        Walk { key, heads: Heads::START, seq: 0, findings: Vec::new(), kept: Vec::new(), told: Told::default() };
    if pinned.zip(used).is_some_and(|(pinned, used)| pinned != used) {
        walk.found(Tampering::OtherKey);
    }
    if let Some(kept) = kept {
        walk.expect(kept);
    }
    walk.entries(snapshot, &checkpoints)?;
    walk.end(head.as_ref(), checkpoints.last());
    // A log that was changed proves nothing about the books.
    if walk.findings.is_empty() {
        std::mem::take(&mut walk.told).compare(snapshot)?.into_iter().for_each(|finding| walk.found(finding));
    }
    Ok(AuditReport {
        entries: walk.heads.entries(),
        chains: walk.heads.marks().filter(|(_, mark)| mark.place > 0).count(),
        checkpoints: checkpoints.len(),
        head: hex::encode(super::heads::Tree::of(&walk.heads).root()),
        key_pinned: pinned.is_some(),
        tampering: walk.findings,
    })
}

/// One row of the log.
struct Line {
    seq: i64,
    at: i64,
    kind: String,
    subject: Vec<u8>,
    detail: String,
    hash: [u8; 32],
    /// Shard and place; `None` in the first chain.
    stands: Option<(Shard, i64)>,
}

impl Line {
    const SELECT: &str = "SELECT seq, at, kind, subject, detail, hash, shard, place FROM audit ORDER BY seq";

    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        let shard = row.get::<Option<i64>>(6)?.map(Shard::from_row);
        Ok(Self {
            seq: row.get(0)?,
            at: row.get(1)?,
            kind: row.get(2)?,
            subject: row.get(3)?,
            detail: row.get(4)?,
            hash: row.get(5)?,
            stands: shard.flatten().zip(row.get::<Option<i64>>(7)?),
        })
    }

    fn slot(&self) -> usize {
        self.stands.map_or(FIRST_CHAIN, |(shard, _)| shard.chain())
    }

    /// In the first chain an entry's place is its number.
    fn place(&self) -> i64 {
        self.stands.map_or(self.seq, |(_, place)| place)
    }

    /// The mark after it, if it follows `before`.
    fn after(&self, before: Mark) -> Mark {
        let Self { at, kind, subject, detail, .. } = self;
        let entry = Entry { at: *at, kind, subject, detail };
        match self.stands {
            Some((shard, _)) => before.then(shard, entry.content()),
            None => entry.after_in_first_chain(before),
        }
    }
}

struct Walk {
    key: Option<VerifyingKey>,
    heads: Heads,
    /// The last row that was seen.
    seq: i64,
    findings: Vec<Tampering>,
    /// What a checkpoint from elsewhere expects, by slot.
    kept: Vec<(usize, Mark)>,
    /// What the entries tell of money.
    told: Told,
}

/// A slot as people know it.
fn chain(slot: usize) -> Option<usize> {
    (slot < CHAINS).then_some(slot)
}

impl Walk {
    fn found(&mut self, tampering: Tampering) {
        if self.findings.len() < MAX_FINDINGS && !self.findings.contains(&tampering) {
            self.findings.push(tampering);
        }
    }

    fn expect(&mut self, kept: &KeptCheckpoint) {
        match (kept.seal(), &self.key) {
            (Some((heads, signed)), Some(key)) if signed.is_by(key) => {
                self.kept = heads.marks().filter(|(_, mark)| mark.place > 0).collect();
            }
            _ => self.found(Tampering::BadSignature { seq: kept.seq }),
        }
    }

    fn entries(&mut self, connection: &Connection, checkpoints: &[Seal]) -> Result<(), StoreError> {
        let mut checkpoints = checkpoints.iter().peekable();
        connection.each(Line::SELECT, params![], &mut |row| {
            let line = Line::read(row)?;
            while let Some(seal) = checkpoints.next_if(|seal| seal.seq < line.seq) {
                self.seal(seal);
            }
            self.line(&line);
            Ok(())
        })?;
        checkpoints.for_each(|seal| self.seal(seal));
        Ok(())
    }

    fn line(&mut self, line: &Line) {
        let (slot, before) = (line.slot(), self.heads.get(line.slot()));
        if line.place() > before.place.saturating_add(1) {
            self.found(Tampering::Missing { seq: line.seq });
        } else if line.place() <= before.place || line.after(before).hash != line.hash {
            self.found(Tampering::Changed { seq: line.seq });
        }
        self.told.note(line.seq, &line.kind, &line.detail);
        // Goes on from here: what follows is judged by its own links.
        let mark = Mark { place: line.place(), hash: line.hash };
        self.heads.set(slot, mark);
        self.seq = line.seq;
        if let Some((_, wanted)) = self.kept.iter().find(|(kept, wanted)| *kept == slot && wanted.place == mark.place) {
            if wanted.hash != mark.hash {
                self.found(Tampering::Rewritten { chain: chain(slot), place: mark.place });
            }
            self.kept.retain(|(kept, _)| *kept != slot);
        }
    }

    /// Compares what was signed with what the walk came to.
    fn seal(&mut self, seal: &Seal) {
        if !self.key.as_ref().is_some_and(|key| seal.is_signed_by(key)) {
            self.found(Tampering::BadSignature { seq: seal.seq });
            return;
        }
        for (slot, signed) in seal.heads.marks() {
            let mark = self.heads.get(slot);
            if mark.place < signed.place {
                self.found(Tampering::CutOff { chain: chain(slot), place: mark.place, signed: signed.place });
                self.heads.set(slot, signed);
            } else if mark != signed {
                self.found(Tampering::Rewritten { chain: chain(slot), place: signed.place });
                self.heads.set(slot, signed);
            }
        }
    }

    fn end(&mut self, head: Option<&Seal>, last_checkpoint: Option<&Seal>) {
        let last = self.seq;
        match head {
            Some(head) if head.seq < last => self.found(Tampering::NoSignature { seq: head.seq.saturating_add(1) }),
            Some(head) => self.seal(head),
            None if last_checkpoint.is_some() || last > 0 => self.found(Tampering::NoSignature { seq: 1 }),
            None => {}
        }
        for (slot, wanted) in std::mem::take(&mut self.kept) {
            let place = self.heads.get(slot).place;
            self.found(Tampering::CutOff { chain: chain(slot), place, signed: wanted.place });
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
    look(location, |conn| one(conn, sql, params![kept], |row| row.get(0)))
}
