-- How pages of a document are drawn upright, so that boxes fit what is seen: JSON [[page, width, height, corners], ...].
ALTER TABLE documents ADD COLUMN sheets VARCHAR DEFAULT '[]';
