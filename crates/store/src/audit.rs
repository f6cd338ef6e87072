//! The audit chain: every entry's hash covers the one before it; the head is signed with each commit.

use base::Timestamp;
use ed25519_dalek::{Signer as _, SigningKey};
use sha2::{Digest, Sha256};

use crate::limits::CHECKPOINT_EVERY;
use crate::sql::{Connection, Params, ToValue, Value, one, params};
use crate::{StoreError, StoreKeys};

/// A place in the chain: number of the last entry and its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) seq: i64,
    pub(crate) hash: [u8; 32],
}

impl Mark {
    pub(crate) const START: Self = Self { seq: 0, hash: [0; 32] };

    /// What is signed.
    pub(crate) fn message(&self) -> [u8; 64] {
        let mut hash = Sha256::new();
        hash.update(b"smilepay audit head v1\0");
        hash.update(self.seq.to_be_bytes());
        hash.update(self.hash);
        let digest: [u8; 32] = hash.finalize().into();
        let mut message = [0; 64];
        for (to, from) in message.iter_mut().zip(digest.into_iter().chain(self.hash)) {
            *to = from;
        }
        message
    }
}

/// One entry as it is hashed.
pub(crate) struct Entry<'a> {
    pub(crate) at: i64,
    pub(crate) kind: &'a str,
    pub(crate) subject: &'a [u8],
    pub(crate) detail: &'a str,
}

impl Entry<'_> {
    /// Hash of this entry standing after `previous`; lengths are hashed too, so no two entries read the same.
    pub(crate) fn after(&self, previous: Mark) -> Mark {
        let seq = previous.seq.saturating_add(1);
        let mut hash = Sha256::new();
        hash.update(b"smilepay audit entry v1\0");
        hash.update(previous.hash);
        hash.update(seq.to_be_bytes());
        hash.update(self.at.to_be_bytes());
        for part in [self.kind.as_bytes(), self.subject, self.detail.as_bytes()] {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part);
        }
        Mark { seq, hash: hash.finalize().into() }
    }
}

pub(crate) struct Signer(SigningKey);

impl Signer {
    pub(crate) fn new(keys: StoreKeys) -> Self {
        Self(SigningKey::from_bytes(&keys.audit_signing))
    }

    pub(crate) fn public_key(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    fn sign(&self, mark: Mark) -> [u8; 64] {
        self.0.sign(&mark.message()).to_bytes()
    }
}

/// The writer's end of the chain.
pub(crate) struct Chain {
    signer: Signer,
    at: Mark,
    signed: Mark,
    checkpoint: i64,
    /// Entries of the running batch, not written yet.
    waiting: Vec<Line>,
}

/// An entry on its way.
struct Line {
    mark: Mark,
    at: i64,
    kind: String,
    subject: Vec<u8>,
    detail: String,
}

impl Params for Line {
    fn values(&self) -> Vec<Value<'_>> {
        let Self { mark: Mark { seq, hash }, at, kind, subject, detail } = self;
        vec![seq.value(), at.value(), kind.value(), subject.value(), detail.value(), hash.value()]
    }
}

impl Chain {
    pub(crate) fn load(connection: &Connection, signer: Signer) -> Result<Self, StoreError> {
        let mut chain = Self { signer, at: Mark::START, signed: Mark::START, checkpoint: 0, waiting: Vec::new() };
        chain.reload(connection)?;
        chain.check_head(connection)?;
        Ok(chain)
    }

    /// The end of the chain must be what our own key signed, or appending to it would cover tampering up.
    fn check_head(&self, connection: &Connection) -> Result<(), StoreError> {
        let head = "SELECT seq, hash, signature FROM audit_head";
        let head = one(connection, head, params![], |row| {
            Ok((Mark { seq: row.get(0)?, hash: row.get(1)? }, row.get::<[u8; 64]>(2)?))
        })?;
        let fits = match head {
            None => self.at == Mark::START,
            Some((mark, signature)) => mark == self.at && signature == self.signer.sign(mark),
        };
        if fits { Ok(()) } else { Err(StoreError::AuditBroken) }
    }

    /// Takes the end of the chain from the database, after opening and after a rollback.
    pub(crate) fn reload(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let last = "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1";
        let at = one(connection, last, params![], |row| Ok(Mark { seq: row.get(0)?, hash: row.get(1)? }))?;
        let kept = "SELECT coalesce(max(seq), 0) FROM audit_checkpoints";
        self.at = at.unwrap_or(Mark::START);
        self.signed = self.at;
        self.waiting.clear();
        self.checkpoint = one(connection, kept, params![], |row| row.get(0))?.unwrap_or(0);
        Ok(())
    }

    pub(crate) fn mark(&self) -> Mark {
        self.at
    }

    pub(crate) fn back_to(&mut self, mark: Mark) {
        self.at = mark;
        self.waiting.retain(|line| line.mark.seq <= mark.seq);
    }

    /// Adds an entry; it is written with the batch.
    pub(crate) fn append(&mut self, at: Timestamp, kind: &str, subject: &[u8], detail: &str) {
        let next = Entry { at: at.as_millis(), kind, subject, detail }.after(self.at);
        self.waiting.push(Line {
            mark: next,
            at: at.as_millis(),
            kind: kind.to_owned(),
            subject: subject.to_owned(),
            detail: detail.to_owned(),
        });
        self.at = next;
    }

    /// Writes the batch's entries and signs the end of the chain, so that cutting entries off its end shows.
    pub(crate) fn flush(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let sql = "INSERT INTO audit (seq, at, kind, subject, detail, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        connection.execute_each(sql, &self.waiting)?;
        self.waiting.clear();
        if self.at == self.signed {
            return Ok(());
        }
        let signature = self.signer.sign(self.at);
        let sql = "INSERT INTO audit_head (one, seq, hash, signature, public_key) VALUES (1, ?1, ?2, ?3, ?4) \
                   ON CONFLICT (one) DO UPDATE SET seq = ?1, hash = ?2, signature = ?3, public_key = ?4";
        let row = params![self.at.seq, self.at.hash, signature, self.signer.public_key()];
        connection.execute(sql, row)?;
        self.signed = self.at;
        if self.at.seq - self.checkpoint >= CHECKPOINT_EVERY {
            self.checkpoint(connection)?;
        }
        Ok(())
    }

    /// Keeps a signed copy of the head for good.
    pub(crate) fn checkpoint(&mut self, connection: &Connection) -> Result<(), StoreError> {
        if self.at.seq == self.checkpoint {
            return Ok(());
        }
        let row = params![self.at.seq, self.at.hash, self.signer.sign(self.at)];
        let sql =
            "INSERT INTO audit_checkpoints (seq, hash, signature) VALUES (?1, ?2, ?3) ON CONFLICT (seq) DO NOTHING";
        connection.execute(sql, row)?;
        self.checkpoint = self.at.seq;
        Ok(())
    }
}
