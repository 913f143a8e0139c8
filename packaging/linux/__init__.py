"""What Linux needs beside the program: a Debian package, an archive that installs itself, and what both carry."""
