package dev.rehome

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.io.File
import java.io.IOException

/**
 * Keeps what lets the next process go on where this one was (rule 5.5): a file, a row, a preference. It holds host names and
 * times, no password. Where a function throws, [Notice.NotSaved] or [Notice.SnapshotRefused] says so.
 */
public interface SnapshotStore {
    /** What was saved last, or null. */
    public suspend fun load(): ByteArray?

    /** Saves in place of what was there: at each change of home, and at each refresh; up to some hundred kB. */
    public suspend fun save(kept: ByteArray)

    /** Nothing is registered any more: a later start is a fresh one. */
    public suspend fun clear()
}

/** One file, replaced as a whole. Its folder must exist. */
public class FileStore(private val file: File) : SnapshotStore {
    override suspend fun load(): ByteArray? = withContext(Dispatchers.IO) { if (file.exists()) file.readBytes() else null }

    override suspend fun save(kept: ByteArray): Unit = withContext(Dispatchers.IO) {
        val new = File(file.path + ".new")
        new.writeBytes(kept)
        // Android's and Linux's rename replaces; elsewhere the old one must go first.
        if (!new.renameTo(file) && !(file.delete() && new.renameTo(file))) throw IOException("$file cannot be replaced")
    }

    override suspend fun clear() {
        withContext(Dispatchers.IO) { file.delete() }
    }
}
