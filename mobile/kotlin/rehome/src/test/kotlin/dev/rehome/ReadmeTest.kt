package dev.rehome

import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File

/** The README's Kotlin is compiled. */
class ReadmeTest {
    @Test
    fun `each block is part of the compiled examples`() {
        val folder = File(Project.root, "mobile/kotlin")
        val examples = File(folder, "rehome/src/test/kotlin/dev/rehome/ReadmeExamples.kt").readText()
        val blocks = Regex("```kotlin\n(.*?)```", RegexOption.DOT_MATCHES_ALL).findAll(File(folder, "README.md").readText())
        val shown = blocks.map { it.groupValues[1].trim() }.toList()
        assertTrue(shown.size >= 4, "${shown.size} blocks")
        shown.forEach { assertTrue(it in examples, "not in ReadmeExamples.kt:\n$it") }
    }
}
