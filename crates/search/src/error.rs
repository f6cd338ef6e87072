/// Why a vector or a query was refused.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum SearchError {
    #[error("an index takes vectors of 1 to {max} values, not {0}", max = crate::limits::MAX_DIMENSIONS)]
    Dimensions(usize),
    #[error("this vector has {got} values, the index holds vectors of {expected}: it was made by another network")]
    OtherLength { expected: usize, got: usize },
    #[error("this is not a vector of unit length")]
    NotUnit,
    #[error("this key is in the index already: remove it first")]
    Duplicate,
    #[error("the index is full: start a second one")]
    Full,
    #[error("a query asks for 1 to {max} hits, not {0}", max = crate::limits::MAX_HITS)]
    Hits(usize),
    #[error("a batch holds at most {max} queries, not {0}", max = crate::limits::MAX_QUERIES)]
    Queries(usize),
}
