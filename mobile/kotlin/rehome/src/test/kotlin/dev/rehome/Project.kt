package dev.rehome

import java.io.File

/** The repository around these tests. */
object Project {
    val root = File(property("rehome.root"))

    /** A program that `cargo xtask test kotlin` has built. */
    fun built(path: String): File {
        val file = File(property("rehome.target"), path)
        check(file.canExecute()) { "$file is missing: run these tests by `cargo xtask test kotlin`, which builds it" }
        return file
    }

    /** What a program prints; it must succeed. */
    fun output(program: File, vararg arguments: String): String {
        val process = ProcessBuilder(program.path, *arguments).redirectErrorStream(true).start()
        process.outputStream.close()
        val text = process.inputStream.bufferedReader().readText()
        check(process.waitFor() == 0) { "$program failed:\n$text" }
        return text
    }

    private fun property(name: String): String =
        checkNotNull(System.getProperty(name)) { "$name is not set: run these tests by Maven, which sets it" }
}
