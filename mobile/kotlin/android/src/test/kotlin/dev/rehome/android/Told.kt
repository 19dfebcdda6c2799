package dev.rehome.android

/** Writes down what the driver would be told. */
internal class Told : Inputs {
    private val words = ArrayList<String>()

    override fun networkDown() {
        words += "networkDown"
    }

    override fun networkChanged() {
        words += "networkChanged"
    }

    override fun resumed() {
        words += "resumed"
    }

    override fun timerSlack(ms: Long) {
        words += "timerSlack $ms"
    }

    /** What was told since the last time. */
    fun take(): List<String> = words.toList().also { words.clear() }
}
