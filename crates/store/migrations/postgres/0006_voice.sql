-- Which method a remembered capture belongs to: frames and sound are never compared with each other.
ALTER TABLE fingerprints ADD COLUMN method TEXT NOT NULL DEFAULT 'face';
