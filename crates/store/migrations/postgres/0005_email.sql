-- Migration 1 has this index already; the number is kept in step with the other engine.
SELECT 1;
