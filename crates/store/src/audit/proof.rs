//! A proof that one entry is in the log: it can be checked with the operator's public key alone, without the database, and
//! shows nothing of any other entry.

use ed25519_dalek::{Signature, VerifyingKey};
use serde::{Deserialize, Serialize};

use super::entry::{Entry, Mark};
use super::heads::{DEPTH, Heads, Tree, message, root_from};
use super::seal::Seal;
use crate::StoreError;
use crate::shard::Shard;
use crate::sql::{Connection, Location, Row, all, one, params};

/// Most entries between the one that is proven and its seal.
const MOST_AFTER: usize = 20_000;

/// An entry and the way from it to a signature. Hashes, subject and signature are hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditProof {
    pub entry: ProvenEntry,
    /// Hash of the entry before it in its chain.
    pub previous: String,
    /// Those after it in its chain, up to the seal: their shard and the hash of their content.
    pub after: Vec<Neighbour>,
    /// From the head of its chain to the root of all heads.
    pub path: Vec<String>,
    /// Entries of all chains at the seal.
    pub entries: i64,
    pub signature: String,
}

/// The entry that is proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvenEntry {
    /// 0 to 255.
    pub shard: i64,
    /// Its number in its chain, from 1 on.
    pub place: i64,
    /// Milliseconds since 1970.
    pub at: i64,
    pub kind: String,
    /// A salted commitment to the payer; empty where it tells of none.
    pub subject: String,
    pub detail: String,
}

/// An entry that is only passed by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Neighbour {
    pub shard: i64,
    pub content: String,
}

/// What a proof that holds says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proven {
    pub entry: ProvenEntry,
    /// Entries of all chains when it was sealed.
    pub entries: i64,
}

/// Why a proof does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadProof {
    #[error("the proof is not written as one: a hash, a number or a list is out of bounds")]
    Malformed,
    #[error(
        "the signature does not fit: the entry, its place or its neighbours are not what was signed, or another key signed"
    )]
    Unsigned,
}

/// Proves the entry with the number `seq` by the first checkpoint after it, or the newest head; also beside a running
/// server. The walk to the seal is not checked here: [`check_proof`] does.
///
/// # Errors
/// No such entry; it stands in the first chain, where one entry cannot be shown without its neighbours; not a store.
pub fn prove_in(location: &Location, seq: i64) -> Result<AuditProof, StoreError> {
    let look = || Connection::reading(location)?.snapshot(|conn| prove(conn, seq));
    std::thread::scope(|scope| scope.spawn(look).join()).unwrap_or(Err(StoreError::Closed))
}

fn prove(conn: &Connection, seq: i64) -> Result<AuditProof, StoreError> {
    let sql = "SELECT at, kind, subject, detail, shard, place FROM audit WHERE seq = ?1";
    let found = one(conn, sql, params![seq], entry)?.ok_or(StoreError::NotFound("audit entry"))?;
    let found =
        found.ok_or(StoreError::NotFound("audit entry in a chain that can prove one entry alone (it is older)"))?;
    let chain = Shard::from_row(found.shard).unwrap_or(Shard::OPERATOR).chain();
    let seal = seal_after(conn, seq)?.ok_or(StoreError::NotFound("signature after that entry"))?;
    let (first, last) = Shard::of_chain(chain);
    let sql = "SELECT hash FROM audit WHERE seq < ?1 AND shard BETWEEN ?2 AND ?3 ORDER BY seq DESC LIMIT 1";
    let previous: Option<[u8; 32]> = one(conn, sql, params![seq, first, last], |row| row.get(0))?;
    let sql = "SELECT at, kind, subject, detail, shard, place FROM audit \
               WHERE seq > ?1 AND seq <= ?2 AND shard BETWEEN ?3 AND ?4 ORDER BY seq";
    let after = all(conn, sql, params![seq, seal.seq, first, last], entry)?;
    let after = after.iter().flatten().map(|e| Neighbour { shard: e.shard, content: hex::encode(content(e)) });
    Ok(AuditProof {
        previous: hex::encode(previous.unwrap_or(Mark::START.hash)),
        after: after.collect(),
        path: path(&seal.heads, chain),
        entries: seal.heads.entries(),
        signature: hex::encode(seal.signature),
        entry: found,
    })
}

fn path(heads: &Heads, chain: usize) -> Vec<String> {
    Tree::of(heads).path(chain).iter().map(hex::encode).collect()
}

fn seal_after(conn: &Connection, seq: i64) -> Result<Option<Seal>, StoreError> {
    for table in ["audit_checkpoints", "audit_head"] {
        let sql = format!("SELECT {} FROM {table} WHERE seq >= ?1 ORDER BY seq LIMIT 1", Seal::COLUMNS);
        if let Some(seal) = one(conn, &sql, params![seq], Seal::read)? {
            return Ok(Some(seal));
        }
    }
    Ok(None)
}

/// `None` in the first chain.
fn entry(row: &Row<'_>) -> Result<Option<ProvenEntry>, StoreError> {
    let (Some(shard), Some(place)) = (row.get::<Option<i64>>(4)?, row.get::<Option<i64>>(5)?) else { return Ok(None) };
    let subject = hex::encode(row.get::<Vec<u8>>(2)?);
    Ok(Some(ProvenEntry { shard, place, at: row.get(0)?, kind: row.get(1)?, subject, detail: row.get(3)? }))
}

fn content(entry: &ProvenEntry) -> [u8; 32] {
    let subject = hex::decode(&entry.subject).unwrap_or_default();
    Entry { at: entry.at, kind: &entry.kind, subject: &subject, detail: &entry.detail }.content()
}

/// Whether `proof` holds under the operator's public key. Pure: needs no database.
///
/// # Errors
/// It is malformed, or what it says was not signed.
pub fn check_proof(proof: &AuditProof, key: [u8; 32]) -> Result<Proven, BadProof> {
    let malformed = || BadProof::Malformed;
    let entry = &proof.entry;
    let shard = Shard::from_row(entry.shard).ok_or_else(malformed)?;
    if entry.place < 1 || proof.after.len() > MOST_AFTER || hex::decode(&entry.subject).is_err() {
        return Err(BadProof::Malformed);
    }
    let before = Mark { place: entry.place.saturating_sub(1), hash: hash(&proof.previous)? };
    let mut mark = before.then(shard, content(entry));
    for Neighbour { shard: neighbour, content } in &proof.after {
        let neighbour = Shard::from_row(*neighbour).filter(|s| s.chain() == shard.chain()).ok_or_else(malformed)?;
        mark = mark.then(neighbour, hash(content)?);
    }
    let path: Vec<[u8; 32]> = proof.path.iter().map(|text| hash(text)).collect::<Result<_, _>>()?;
    let path: [[u8; 32]; DEPTH] = path.try_into().map_err(|_| malformed())?;
    let root = root_from(shard.chain(), mark, &path);
    let signature = hex::decode(&proof.signature).ok().and_then(|s| s.try_into().ok()).ok_or_else(malformed)?;
    let key = VerifyingKey::from_bytes(&key).map_err(|_| malformed())?;
    key.verify_strict(&message(proof.entries, root), &Signature::from_bytes(&signature))
        .map_err(|_| BadProof::Unsigned)?;
    Ok(Proven { entry: entry.clone(), entries: proof.entries })
}

fn hash(text: &str) -> Result<[u8; 32], BadProof> {
    hex::decode(text).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(BadProof::Malformed)
}
