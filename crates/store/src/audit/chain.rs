//! The writer's end of the audit log.

use base::Timestamp;
use ed25519_dalek::{Signer as _, SigningKey};

use super::entry::{Entry, Mark};
use super::heads::{FIRST_CHAIN, Heads, Tree, message};
use super::seal::Seal;
use crate::limits::CHECKPOINT_EVERY;
use crate::shard::Shard;
use crate::sql::{Connection, Params, ToValue, Value, one, params};
use crate::{StoreError, StoreKeys};

pub(crate) struct Signer(SigningKey);

impl Signer {
    pub(crate) fn new(keys: StoreKeys) -> Self {
        Self(SigningKey::from_bytes(&keys.audit_signing))
    }

    pub(crate) fn public_key(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

pub(crate) struct Chain {
    signer: Signer,
    heads: Heads,
    /// Over the heads as they were signed last.
    tree: Tree,
    /// Number of the last entry in this database, of whichever chain.
    seq: i64,
    signed: i64,
    checkpoint: i64,
    /// Entries of the running batch, not written yet.
    waiting: Vec<Line>,
}

/// An entry on its way.
struct Line {
    seq: i64,
    shard: Shard,
    before: Mark,
    mark: Mark,
    at: i64,
    kind: String,
    subject: Vec<u8>,
    detail: String,
}

impl Params for Line {
    fn values(&self) -> Vec<Value<'_>> {
        let Self { seq, shard, mark: Mark { place, hash }, at, kind, subject, detail, .. } = self;
        let shard = Value::Int(shard.number());
        vec![seq.value(), at.value(), kind.value(), subject.value(), detail.value(), hash.value(), shard, place.value()]
    }
}

impl Chain {
    pub(crate) fn load(connection: &Connection, signer: Signer) -> Result<Self, StoreError> {
        let (heads, waiting) = (Heads::START, Vec::new());
        let mut chain = Self { signer, tree: Tree::of(&heads), heads, seq: 0, signed: 0, checkpoint: 0, waiting };
        chain.reload(connection)?;
        chain.check_head(connection)?;
        Ok(chain)
    }

    /// The end of every chain must be what our own key signed, or appending to it would cover tampering up.
    fn check_head(&self, connection: &Connection) -> Result<(), StoreError> {
        let last = "SELECT seq, hash, shard FROM audit ORDER BY seq DESC LIMIT 1";
        let last = one(connection, last, params![], |row| {
            Ok((row.get::<i64>(0)?, row.get::<[u8; 32]>(1)?, row.get::<Option<i64>>(2)?))
        })?;
        let fits = match (read_head(connection)?, last) {
            (None, None) => true,
            (Some(head), Some((seq, hash, shard))) => {
                let slot = shard.map_or(Some(FIRST_CHAIN), |number| Shard::from_row(number).map(Shard::chain));
                let ends = head.seq == seq && slot.is_some_and(|slot| head.heads.get(slot).hash == hash);
                ends && head.is_readable() && head.signature == self.signer.sign(head.message())
            }
            _ => false,
        };
        if fits { Ok(()) } else { Err(StoreError::AuditBroken) }
    }

    /// Takes the ends of the chains from the database, after opening and after a rollback.
    pub(crate) fn reload(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let head = read_head(connection)?;
        self.seq = head.as_ref().map_or(0, |head| head.seq);
        self.heads = head.map_or(Heads::START, |head| head.heads);
        self.tree = Tree::of(&self.heads);
        self.signed = self.seq;
        self.waiting.clear();
        let kept = "SELECT coalesce(max(seq), 0) FROM audit_checkpoints";
        self.checkpoint = one(connection, kept, params![], |row| row.get(0))?.unwrap_or(0);
        Ok(())
    }

    /// To come back to with [`Chain::back_to`].
    pub(crate) fn mark(&self) -> i64 {
        self.seq
    }

    pub(crate) fn back_to(&mut self, mark: i64) {
        while let Some(line) = self.waiting.pop_if(|line| line.seq > mark) {
            self.heads.set(line.shard.chain(), line.before);
        }
        self.seq = mark;
    }

    /// Adds an entry to the chain of its shard; it is written with the batch.
    pub(crate) fn append(&mut self, at: Timestamp, shard: Shard, kind: &str, subject: &[u8], detail: &str) {
        let before = self.heads.get(shard.chain());
        let at = at.as_millis();
        let mark = before.then(shard, Entry { at, kind, subject, detail }.content());
        self.seq = self.seq.saturating_add(1);
        self.heads.set(shard.chain(), mark);
        self.waiting.push(Line {
            seq: self.seq,
            shard,
            before,
            mark,
            at,
            kind: kind.to_owned(),
            subject: subject.to_owned(),
            detail: detail.to_owned(),
        });
    }

    /// Writes the batch's entries and signs the ends of all chains, so that cutting entries off shows.
    pub(crate) fn flush(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let sql = "INSERT INTO audit (seq, at, kind, subject, detail, hash, shard, place) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        connection.execute_each(sql, &self.waiting)?;
        let mut touched = [false; crate::shard::CHAINS];
        for line in self.waiting.drain(..) {
            if let Some(touched) = touched.get_mut(line.shard.chain()) {
                *touched = true;
            }
        }
        if self.seq == self.signed {
            return Ok(());
        }
        for (slot, _) in touched.iter().enumerate().filter(|(_, touched)| **touched) {
            self.tree.set(slot, self.heads.get(slot));
        }
        let root = self.tree.root();
        let signature = self.signer.sign(&message(self.heads.entries(), root));
        let sql = "INSERT INTO audit_head (one, seq, hash, signature, public_key, heads) VALUES (1, ?1, ?2, ?3, ?4, ?5) \
                   ON CONFLICT (one) DO UPDATE SET seq = ?1, hash = ?2, signature = ?3, public_key = ?4, heads = ?5";
        let heads = self.heads.to_bytes();
        connection.execute(sql, params![self.seq, root, signature, self.signer.public_key(), heads])?;
        self.signed = self.seq;
        if self.seq - self.checkpoint >= CHECKPOINT_EVERY {
            self.checkpoint(connection)?;
        }
        Ok(())
    }

    /// Keeps a signed copy of all heads for good.
    pub(crate) fn checkpoint(&mut self, connection: &Connection) -> Result<(), StoreError> {
        if self.seq == self.checkpoint {
            return Ok(());
        }
        let root = self.tree.root();
        let signature = self.signer.sign(&message(self.heads.entries(), root));
        let sql = "INSERT INTO audit_checkpoints (seq, hash, signature, heads) VALUES (?1, ?2, ?3, ?4) \
                   ON CONFLICT (seq) DO NOTHING";
        connection.execute(sql, params![self.seq, root, signature, self.heads.to_bytes()])?;
        self.checkpoint = self.seq;
        Ok(())
    }
}

fn read_head(connection: &Connection) -> Result<Option<Seal>, StoreError> {
    one(connection, &format!("SELECT {} FROM audit_head", Seal::COLUMNS), params![], Seal::read)
}
