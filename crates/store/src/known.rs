//! Transfers that the jobs of a batch name before it begins. Where the database answers from afar they are read together,
//! so that no job waits for its own; the writer then knows them better than the database.

use std::collections::HashMap;

use base::TransferId;
use ledger::Transfer;

use crate::StoreError;
use crate::key::Key;
use crate::sql::Connection;
use crate::transfers::transfer;

/// What is known of a transfer; `None`: there is none.
type Fact = Option<Transfer>;

#[derive(Default)]
pub(crate) struct Known {
    facts: HashMap<TransferId, Fact>,
    /// What the running job changed, oldest first.
    undo: Vec<(TransferId, Fact)>,
}

impl Known {
    /// Forgets the batch before and reads what this one is about.
    pub(crate) fn read(
        &mut self,
        connection: &Connection,
        about: impl Iterator<Item = TransferId>,
    ) -> Result<(), StoreError> {
        self.facts.clear();
        self.undo.clear();
        if !connection.is_far() {
            return Ok(());
        }
        self.facts.extend(about.map(|id| (id, None)));
        if self.facts.is_empty() {
            return Ok(());
        }
        let keys: Vec<[u8; 16]> = self.facts.keys().map(TransferId::key).collect();
        connection.each_of("SELECT * FROM transfers WHERE id = ANY(?1)", &keys, &mut |row| {
            let found = transfer(row)?;
            self.facts.insert(found.id, Some(found));
            Ok(())
        })
    }

    /// `None`: the database has to be asked.
    pub(crate) fn get(&self, id: TransferId) -> Option<Fact> {
        self.facts.get(&id).copied()
    }

    pub(crate) fn set(&mut self, transfer: Transfer) {
        if let Some(fact) = self.facts.get_mut(&transfer.id) {
            self.undo.push((transfer.id, fact.replace(transfer)));
        }
    }

    pub(crate) fn begin(&mut self) {
        self.undo.clear();
    }

    /// Takes back what the running job did.
    pub(crate) fn undo(&mut self) {
        for (id, fact) in self.undo.drain(..).rev() {
            self.facts.insert(id, fact);
        }
    }
}
